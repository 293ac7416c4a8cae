import { config } from 'zod';

// Imported before any schema is made: zod would try `new Function`, which the page's content policy reports as a breach.
config({ jitless: true });
