import app from './en/app.ts';
import reasons from './en/reasons.ts';
import signIn from './en/sign-in.ts';

/** The messages of the sign-in page. */
export default { ...app, ...signIn, ...reasons };
