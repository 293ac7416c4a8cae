import { afterEach, beforeEach, expect, vi } from 'vitest';

// What is worth console.error is worth failing for.
beforeEach(() => {
  vi.spyOn(console, 'error');
});
afterEach(() => {
  expect(console.error).not.toHaveBeenCalled();
});
