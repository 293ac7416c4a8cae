import helmet from 'helmet';

const HSTS_SECONDS = 365 * 24 * 60 * 60;

/** What browsers are told of everything that Express answers. */
export const securityHeaders = (publicUrl: URL | null) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Toasts and floating panels place themselves with inline styles.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The same for browsers that do not know `frame-ancestors`.
    xFrameOptions: { action: 'deny' },
    // Other hosts below the same name are not ours to speak for.
    strictTransportSecurity:
      publicUrl?.protocol === 'https:' ? { maxAge: HSTS_SECONDS, includeSubDomains: false } : false,
  });
