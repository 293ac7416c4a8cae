import { approvalRouter } from './agent/approval/approval.router.ts';
import { instanceRouter } from './agent/instance/instance.router.ts';
import { sessionRouter } from './agent/session/session.router.ts';
import { taskRouter } from './agent/task/task.router.ts';
import { authRouter } from './auth/auth.router.ts';
import { router } from './trpc.ts';

/** Everything a client can call. Web and mobile import its type alone. */
export const appRouter = router({
  auth: authRouter,
  instance: instanceRouter,
  session: sessionRouter,
  task: taskRouter,
  approval: approvalRouter,
});
export type AppRouter = typeof appRouter;
