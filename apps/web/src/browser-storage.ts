/** What this browser keeps between visits. A browser that keeps nothing loses comfort, not the page. */
export const kept = {
  read(key: string): string | null {
    try {
      return localStorage.getItem(`it0.${key}`);
    } catch {
      return null;
    }
  },
  /** An empty value is forgotten. */
  write(key: string, value: string) {
    try {
      if (value) localStorage.setItem(`it0.${key}`, value);
      else localStorage.removeItem(`it0.${key}`);
    } catch {
      // Full or forbidden.
    }
  },
};
