import { authedProcedure, publicProcedure, router, sessionProcedure } from '../trpc.ts';
import { docs } from './auth.rest.ts';
import { getMe } from './me.ts';
import { RequestReset, ResetPassword, requestReset, resetPassword, showResetLink } from './password.ts';
import { SignIn, signIn, signOut, VerifyCode, verifyCode } from './sign-in.ts';
import { LinkToken, RedeemLink, redeemSignInLink, showSignInLink } from './sign-in-link.ts';

export const authRouter = router({
  me: authedProcedure.meta(docs.me).query(({ ctx }) => getMe(ctx)),
  /** Returns the available ways to sign in. */
  ways: publicProcedure.query(({ ctx }) => ctx.signInMethods),
  signIn: publicProcedure.input(SignIn).mutation(({ ctx, input }) => signIn(ctx, input)),
  verifyCode: publicProcedure.input(VerifyCode).mutation(({ ctx, input }) => verifyCode(ctx, input)),
  /** Returns the person of a one-time link without using it up. */
  showSignInLink: publicProcedure.input(LinkToken).query(({ ctx, input }) => showSignInLink(ctx, input.token)),
  redeemSignInLink: publicProcedure.input(RedeemLink).mutation(({ ctx, input }) => redeemSignInLink(ctx, input)),
  signOut: sessionProcedure.mutation(({ ctx }) => signOut(ctx)),
  requestReset: publicProcedure.input(RequestReset).mutation(({ ctx, input }) => requestReset(ctx, input)),
  showResetLink: publicProcedure.input(LinkToken).query(({ ctx, input }) => showResetLink(ctx, input)),
  resetPassword: publicProcedure.input(ResetPassword).mutation(({ ctx, input }) => resetPassword(ctx, input)),
});
