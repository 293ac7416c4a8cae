import { fakeServer } from './fake-server.ts';
import { temporaryFolder } from './folder.ts';
import { startRemote } from './remote-process.ts';
import { remoteServer } from './remote-server.ts';

/** A host with a folder and the command that a person types there, and the server that the command names. */
export async function remoteHost() {
  const server = await remoteServer();
  const tasks = await fakeServer();
  const folder = temporaryFolder();
  const code = server.newCode();
  const command = ['--server', server.url, '--enroll', code, '--dir', folder.path];
  return {
    server,
    tasks,
    dir: folder.path,
    code,
    command,
    /** Started with this command, and ready. */
    async start(args = command, environment?: Record<string, string>, program?: string) {
      const before = server.checkIns.length;
      const remote = startRemote(args, environment, program);
      await server.until(() => server.checkIns.slice(before).some(({ running }) => running?.health.ready));
      return remote;
    },
    /** The same command again, whether it gets ready or not. */
    restart: () => startRemote(command),
    /** Has a task handed over. */
    async send(message: string) {
      const task = tasks.newTask({ message });
      const { status } = await server.request('POST', '/task-async', task);
      return { status, end: () => tasks.waitForEnd(task.taskId), report: tasks.waitForReport.bind(null, task.taskId) };
    },
    async [Symbol.asyncDispose]() {
      await tasks[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
