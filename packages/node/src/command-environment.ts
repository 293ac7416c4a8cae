/**
 * Returns the environment of an agent's command. It has a fixed list of variables, so that it contains no key or
 * secret, and disables pagers, editors and prompts. `home` must not be writable for other accounts; in a sandbox it is
 * empty and private to the command, so that no file in it configures a program.
 */
export function createCommandEnvironment(environment: Record<string, string>, home: string): Record<string, string> {
  const {
    PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG = 'C.UTF-8',
    TZ,
    IT0_BRIDGE_OF,
  } = environment;
  return {
    // Relative entries would be resolved in the command's folder.
    PATH: PATH.split(':')
      .filter((folder) => folder.startsWith('/'))
      .join(':'),
    LANG,
    ...(TZ && { TZ }),
    // Marks the processes that the process reaper kills when the bridge exits, if no sandbox does.
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
