import { rest } from '../rest/rest.ts';
import { known, open, router, signedIn } from '../trpc.ts';
import { Me, me } from './me.ts';
import { RequestReset, ResetPassword, requestReset, resetPassword } from './password.ts';
import { SignIn, signIn, signOut, VerifyCode, verifyCode } from './sign-in.ts';

export const authRouter = router({
  me: known
    .meta(rest('GET /auth/me', { operationId: 'getMe', summary: 'Who you are, and what you may', answer: Me }))
    .query(({ ctx }) => me(ctx)),
  /** What a sign-in page can offer. */
  ways: open.query(({ ctx }) => ctx.signInWays),
  signIn: open.input(SignIn).mutation(({ ctx, input }) => signIn(ctx, input)),
  verifyCode: open.input(VerifyCode).mutation(({ ctx, input }) => verifyCode(ctx, input)),
  signOut: signedIn.mutation(({ ctx }) => signOut(ctx)),
  requestReset: open.input(RequestReset).mutation(({ ctx, input }) => requestReset(ctx, input)),
  resetPassword: open.input(ResetPassword).mutation(({ ctx, input }) => resetPassword(ctx, input)),
});
