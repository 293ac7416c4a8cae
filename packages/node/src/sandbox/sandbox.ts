export type SandboxMethod = 'bubblewrap' | 'namespaces' | 'seatbelt' | 'none';

export type SandboxSpec = {
  cwd: string;
  /** Folders that may be changed; shown although they are below a hidden one. */
  writable: string[];
  /** Folders that are shown, read-only, although they are below a hidden one. */
  readable?: string[];
  /** Folders that nobody inside sees, besides those that nobody ever sees: `/run`, homes, other people's temporary files. */
  hidden: string[];
  /** As whom everything inside runs, where root starts it: another account than the sandbox's own. */
  account?: number;
};

export type Sandbox = {
  method: SandboxMethod;
  /** Why there is no isolation and what a person can do about it; null when it holds, or was not wanted. */
  detail: string | null;
  /**
   * As whom everything inside runs; null when that is the account of this process. Folders that may be changed must
   * belong to it: see `claimAccount`.
   */
  account: number | null;
  /**
   * Returns the program and arguments that start `argv` inside; with `none`, `argv` as it is. Standard streams, further
   * file descriptors, the environment and the exit code pass through; a death by signal N is the exit code 128 + N.
   * SIGKILL for the process that this starts, or its parent's death, ends everything inside. It hands on no other
   * signal: to ask a program inside to end, close its channel or signal it by its own process id.
   */
  wrap(argv: string[], spec: SandboxSpec): string[];
};

/** One way to isolate, as far as this machine has the programs for it. */
export type Candidate = Pick<Sandbox, 'wrap'> & { method: SandboxMethod };
