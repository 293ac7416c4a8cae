/** The service worker, unless the browser has none or the page was opened over plain http. */
let registration: Promise<ServiceWorkerRegistration | undefined> | undefined;

/**
 * Registers the service worker, which opens the app while the server is away. Calls `onNewVersion` when a newer version
 * of the app is ready, or when files of this one are no longer on the server, with a function that opens the new one.
 */
export function watchVersions(onNewVersion: (open: () => void) => void) {
  addEventListener('vite:preloadError', () => onNewVersion(() => location.reload()));
  // The development server has none.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  registration = navigator.serviceWorker.register('/service-worker.js');
  registration.then(
    (found) => {
      // Some browsers only pretend to have them.
      if (!found) return;
      const report = () => found.waiting && navigator.serviceWorker.controller && onNewVersion(() => open(found));
      report();
      found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', report));
    },
    () => {
      // Without it, the app needs the server.
      registration = undefined;
    },
  );
}

/** Looks for a newer version. A server that was away may have been upgraded. */
export const checkVersion = () =>
  void registration
    ?.then((found) => found?.update())
    .catch(() => {
      // The next check may reach the server.
    });

/** Lets the service worker of the new version take over, and reloads the page. */
function open({ waiting }: ServiceWorkerRegistration) {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  if (waiting) waiting.postMessage('activate');
  else location.reload();
}
