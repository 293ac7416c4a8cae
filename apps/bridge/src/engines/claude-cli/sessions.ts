import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Maps conversations to Claude Code's sessions, on disk. Only one task of a conversation runs at a time. */
export function openSessions(dir: string, configDir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const getPath = (sessionKey: string) => join(dir, createHash('sha256').update(sessionKey).digest('hex'));
  const projects = join(configDir, 'projects');
  /** Claude Code refuses to resume a session without a transcript. */
  const hasTranscript = (id: string) =>
    existsSync(projects) && readdirSync(projects).some((project) => existsSync(join(projects, project, `${id}.jsonl`)));

  return {
    /** Finds the session to resume, if any. */
    find(sessionKey: string) {
      const file = getPath(sessionKey);
      const id = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return id && hasTranscript(id) ? id : undefined;
    },
    save: (sessionKey: string, id: string) => writeFileSync(getPath(sessionKey), id, { mode: 0o600 }),
    /** Makes the conversation continue in a new session, whose prompt includes the history. */
    forget: (sessionKey: string) => rmSync(getPath(sessionKey), { force: true }),
  };
}
export type Sessions = ReturnType<typeof openSessions>;
