/** Runs `task` once, soon, and returns what takes it back. */
export type Schedule = (task: () => void) => () => void;

/** In a hidden tab no frame ever comes: after this many milliseconds it is not waited for any longer. */
const patience = 250;

/** With the next frame, so that a screen never works for more than it can show. */
export const onFrame: Schedule = (task) => {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    task();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, patience);
  return cancel;
};

export const after =
  (ms: number): Schedule =>
  (task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  };
