import app from './zh/app.ts';
import reasons from './zh/reasons.ts';
import signIn from './zh/sign-in.ts';

/** The messages of the sign-in page. */
export default { ...app, ...signIn, ...reasons };
