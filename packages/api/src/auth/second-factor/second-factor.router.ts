import { router, sessionProcedure } from '../../trpc.ts';
import {
  beginSecondFactor,
  ConfirmCode,
  confirmSecondFactor,
  removeSecondFactor,
  WithPassword,
} from './second-factor.ts';

export const secondFactorRouter = router({
  begin: sessionProcedure.input(WithPassword).mutation(({ ctx, input }) => beginSecondFactor(ctx, input)),
  confirm: sessionProcedure.input(ConfirmCode).mutation(({ ctx, input }) => confirmSecondFactor(ctx, input)),
  remove: sessionProcedure.input(WithPassword).mutation(({ ctx, input }) => removeSecondFactor(ctx, input)),
});
