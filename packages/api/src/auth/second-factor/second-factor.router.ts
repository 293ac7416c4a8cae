import { router, signedIn } from '../../trpc.ts';
import {
  beginSecondFactor,
  ConfirmCode,
  confirmSecondFactor,
  removeSecondFactor,
  WithPassword,
} from './second-factor.ts';

export const secondFactorRouter = router({
  begin: signedIn.input(WithPassword).mutation(({ ctx, input }) => beginSecondFactor(ctx, input)),
  confirm: signedIn.input(ConfirmCode).mutation(({ ctx, input }) => confirmSecondFactor(ctx, input)),
  remove: signedIn.input(WithPassword).mutation(({ ctx, input }) => removeSecondFactor(ctx, input)),
});
