import { router, signedIn } from '../../trpc.ts';
import { listKeysOf } from '../api-key/list-keys.ts';
import { ChangePassword, changePassword, SetPassword, setPassword } from '../password.ts';
import { account, Rename, rename, SetEmail, setEmail } from './account.ts';

export const accountRouter = router({
  mine: signedIn.query(({ ctx }) => account(ctx)),
  rename: signedIn.input(Rename).mutation(({ ctx, input }) => rename(ctx, input)),
  setEmail: signedIn.input(SetEmail).mutation(({ ctx, input }) => setEmail(ctx, input)),
  setPassword: signedIn.input(SetPassword).mutation(({ ctx, input }) => setPassword(ctx, input)),
  /** API keys in all organisations. */
  keys: signedIn.query(({ ctx }) => listKeysOf(ctx, ctx.person.id)),
  changePassword: signedIn.input(ChangePassword).mutation(({ ctx, input }) => changePassword(ctx, input)),
});
