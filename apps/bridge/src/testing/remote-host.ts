import { fakeServer } from './fake-server.ts';
import { temporaryFolder } from './folder.ts';
import { startRemote } from './remote-process.ts';
import { remoteServer } from './remote-server.ts';

/** Creates a server and the command that starts a remote bridge in a temporary folder. */
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
    /** Runs the command and waits until the bridge is ready. */
    async start(args = command, environment?: Record<string, string>, program?: string) {
      const before = server.checkIns.length;
      const remote = startRemote(args, environment, program);
      await server.until(() => server.checkIns.slice(before).some(({ running }) => running?.health.ready));
      return remote;
    },
    /** Runs the command again without waiting. */
    restart: () => startRemote(command),
    /** Sends a task through the server. */
    async send(message: string) {
      const task = tasks.newTask({ message });
      const { status } = await server.request('POST', '/task-async', task);
      return {
        status,
        waitForEnd: () => tasks.waitForEnd(task.taskId),
        waitForReport: tasks.waitForReport.bind(null, task.taskId),
      };
    },
    async [Symbol.asyncDispose]() {
      await tasks[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
