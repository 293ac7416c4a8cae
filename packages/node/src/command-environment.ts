/**
 * The environment of every command, made of nothing: no key, no secret, and nothing that starts a pager or an editor, or
 * asks. In a sandbox `home` is empty and private to the command, so that no file of the agent's is anybody's configuration;
 * nobody else may write there.
 */
export function commandEnvironment(environment: Record<string, string>, home: string): Record<string, string> {
  const {
    PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG = 'C.UTF-8',
    TZ,
    IT0_BRIDGE_OF,
  } = environment;
  return {
    // A name that is not absolute would be looked up in the folder of the command.
    PATH: PATH.split(':')
      .filter((folder) => folder.startsWith('/'))
      .join(':'),
    LANG,
    ...(TZ && { TZ }),
    // Marks what ends with the bridge, where no sandbox does that.
    ...(IT0_BRIDGE_OF && { IT0_BRIDGE_OF }),
    HOME: home,
    TMPDIR: '/tmp',
    TERM: 'dumb',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    MANPAGER: 'cat',
    SYSTEMD_PAGER: 'cat',
    LESSSECURE: '1',
    EDITOR: 'false',
    VISUAL: 'false',
    GIT_EDITOR: 'false',
    GIT_TERMINAL_PROMPT: '0',
    DEBIAN_FRONTEND: 'noninteractive',
  };
}
