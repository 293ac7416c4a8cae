import helmet from 'helmet';

const HSTS_SECONDS = 365 * 24 * 60 * 60;

/** Sets the security headers of every Express response. */
export const createSecurityHeaders = (publicUrl: URL | null) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Toasts and floating panels are positioned with inline styles.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // For browsers without support for `frame-ancestors`.
    xFrameOptions: { action: 'deny' },
    // Subdomains may belong to other services.
    strictTransportSecurity:
      publicUrl?.protocol === 'https:' ? { maxAge: HSTS_SECONDS, includeSubDomains: false } : false,
  });
