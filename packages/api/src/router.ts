import { approvalRouter } from './agent/approval/approval.router.ts';
import { assistantRouter } from './agent/assistant/assistant.router.ts';
import { draftRouter } from './agent/draft/draft.router.ts';
import { instanceRouter } from './agent/instance/instance.router.ts';
import { promptRouter } from './agent/prompt/prompt.router.ts';
import { queueRouter } from './agent/queue/queue.router.ts';
import { sessionRouter } from './agent/session/session.router.ts';
import { taskRouter } from './agent/task/task.router.ts';
import { usageRouter } from './agent/usage/usage.router.ts';
import { accountRouter } from './auth/account/account.router.ts';
import { apiKeyRouter } from './auth/api-key/api-key.router.ts';
import { authRouter } from './auth/auth.router.ts';
import { deviceRouter } from './auth/device/device.router.ts';
import { invitationRouter } from './auth/invitation/invitation.router.ts';
import { memberRouter } from './auth/member/member.router.ts';
import { secondFactorRouter } from './auth/second-factor/second-factor.router.ts';
import { tenantRouter } from './auth/tenant/tenant.router.ts';
import { router } from './trpc.ts';
import { voiceRouter } from './voice/voice.router.ts';

/** All procedures of the platform. Clients import only its type. */
export const appRouter = router({
  auth: authRouter,
  account: accountRouter,
  device: deviceRouter,
  secondFactor: secondFactorRouter,
  tenant: tenantRouter,
  member: memberRouter,
  invitation: invitationRouter,
  apiKey: apiKeyRouter,
  instance: instanceRouter,
  assistant: assistantRouter,
  session: sessionRouter,
  draft: draftRouter,
  queue: queueRouter,
  prompt: promptRouter,
  task: taskRouter,
  approval: approvalRouter,
  usage: usageRouter,
  voice: voiceRouter,
});
export type AppRouter = typeof appRouter;
