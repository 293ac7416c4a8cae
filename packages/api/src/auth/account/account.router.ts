import { router, sessionProcedure } from '../../trpc.ts';
import { listKeys } from '../api-key/list-keys.ts';
import { ChangePassword, changePassword, SetPassword, setPassword } from '../password.ts';
import { getAccount, Rename, rename, SetEmail, setEmail } from './account.ts';

export const accountRouter = router({
  mine: sessionProcedure.query(({ ctx }) => getAccount(ctx)),
  rename: sessionProcedure.input(Rename).mutation(({ ctx, input }) => rename(ctx, input)),
  setEmail: sessionProcedure.input(SetEmail).mutation(({ ctx, input }) => setEmail(ctx, input)),
  setPassword: sessionProcedure.input(SetPassword).mutation(({ ctx, input }) => setPassword(ctx, input)),
  /** Lists the API keys in all organizations. */
  keys: sessionProcedure.query(({ ctx }) => listKeys(ctx, ctx.person.id)),
  changePassword: sessionProcedure.input(ChangePassword).mutation(({ ctx, input }) => changePassword(ctx, input)),
});
