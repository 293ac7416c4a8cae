import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which of Claude Code's sessions is whose conversation, on disk. Only one task of a session runs at a time. */
export function openSessions(dir: string, configDir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (sessionKey: string) => join(dir, createHash('sha256').update(sessionKey).digest('hex'));
  const projects = join(configDir, 'projects');
  /** Claude Code refuses to go on with a session of which it wrote nothing. */
  const isThere = (id: string) =>
    existsSync(projects) && readdirSync(projects).some((project) => existsSync(join(projects, project, `${id}.jsonl`)));

  return {
    /** The session to go on with, if there is one. */
    find(sessionKey: string) {
      const file = fileOf(sessionKey);
      const id = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return id && isThere(id) ? id : undefined;
    },
    save: (sessionKey: string, id: string) => writeFileSync(fileOf(sessionKey), id, { mode: 0o600 }),
    /** The conversation goes on in a new one, which is told what was said before. */
    forget: (sessionKey: string) => rmSync(fileOf(sessionKey), { force: true }),
  };
}
export type Sessions = ReturnType<typeof openSessions>;
