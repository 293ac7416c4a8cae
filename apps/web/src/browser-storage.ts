/** Access to `localStorage`. The page also works in browsers where it is unavailable. */
export const browserStorage = {
  read(key: string): string | null {
    try {
      return localStorage.getItem(`it0.${key}`);
    } catch {
      return null;
    }
  },
  /** Removes all values whose keys begin with `prefix`, but not with `except`. */
  removeAll(prefix: string, except?: string) {
    const isRemoved = (key: string) =>
      key.startsWith(`it0.${prefix}`) && !(except !== undefined && key.startsWith(`it0.${except}`));
    try {
      for (const key of Object.keys(localStorage).filter(isRemoved)) localStorage.removeItem(key);
    } catch {
      // The storage is disabled.
    }
  },
  /** Stores a value. An empty one is removed. */
  write(key: string, value: string) {
    try {
      if (value) localStorage.setItem(`it0.${key}`, value);
      else localStorage.removeItem(`it0.${key}`);
    } catch {
      // The storage is full or disabled.
    }
  },
};
