/** Method that isolates a program; `none` without isolation. */
export type SandboxMethod = 'bubblewrap' | 'namespaces' | 'seatbelt' | 'none';

/** The folders that a program in a sandbox sees. */
export type SandboxSpec = {
  /** The working folder. */
  cwd: string;
  /** Folders that are visible and writable, even below a hidden one. */
  writable: string[];
  /** Folders that are visible and read-only, even below a hidden one. */
  readable?: string[];
  /** Folders that are hidden, in addition to `/run`, home folders and the temporary files of others. */
  hidden: string[];
  /** The account that the program runs as, when root starts it; the sandbox's own by default. */
  account?: number;
};

/** A way to start programs isolated from the rest of the machine. */
export type Sandbox = {
  method: SandboxMethod;
  /** Why there is no isolation, and how to fix it; null with isolation, or when the operator disabled it. */
  detail: string | null;
  /**
   * The account that programs inside run as; null when it is that of this process. Writable folders must belong to it:
   * see `claimAccount`.
   */
  account: number | null;
  /**
   * Returns the program and arguments that start `argv` inside; with `none`, `argv` itself. Standard streams, other
   * file descriptors, the environment and the exit code are passed on; death by signal N becomes exit code 128 + N.
   * SIGKILL to the started process, or the death of its parent, ends everything inside. Other signals are not
   * forwarded: to stop a program inside gracefully, close its channel or signal its own process id.
   */
  wrap(argv: string[], spec: SandboxSpec): string[];
};

/** A method of isolation whose programs are installed, before its self-test. */
export type Candidate = Pick<Sandbox, 'wrap'> & { method: SandboxMethod };
