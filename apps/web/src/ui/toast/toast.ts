import type { ExternalToast } from 'sonner';

type Kind = 'message' | 'info' | 'success' | 'warning' | 'error';
type Show = (text: string, options?: ExternalToast) => unknown;

const { promise: ready, resolve } = Promise.withResolvers<Record<Kind, Show>>();
/** Called by `Toaster` when it can show notifications. */
export const provideToast = (library: Record<Kind, Show>) => resolve(library);

const show =
  (kind: Kind) =>
  (text: string, options?: ExternalToast): void =>
    void ready.then((library) => library[kind](text, options));

/** Time for which a notification with “Undo” is shown. */
export const UNDO_MS = 8_000;

/** Shows notifications, once their library is loaded: the first paint does not wait for it. */
export const toast = Object.assign(show('message'), {
  info: show('info'),
  success: show('success'),
  warning: show('warning'),
  error: show('error'),
});
