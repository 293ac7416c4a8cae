import { config } from 'zod';

// Has to be imported before any schema is created. Otherwise zod tries `new Function`, which violates the page's
// content security policy.
config({ jitless: true });
