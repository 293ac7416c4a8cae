let shown: Promise<unknown> = Promise.resolve();

/** Delays `loadAfterFirstView` until a view is shown. */
export function awaitFirstView(view: Promise<unknown>): void {
  shown = view;
}

/** Loads code that the first view does not need, once it is shown, so that the code does not delay it. */
export const loadAfterFirstView =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    await shown;
    return load();
  };
