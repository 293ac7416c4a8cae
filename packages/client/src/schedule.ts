/** Schedules `task` to run once, and returns a function that cancels it. */
export type Schedule = (task: () => void) => () => void;

/** Longest wait for a frame. A hidden tab renders none. */
const MAX_FRAME_WAIT_MS = 250;

/** Schedules for the next animation frame, so that updates are not more frequent than frames. */
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
  const timer = setTimeout(run, MAX_FRAME_WAIT_MS);
  return cancel;
};

/** Returns a schedule with a delay of `ms` milliseconds. */
export const after =
  (ms: number): Schedule =>
  (task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  };
