/** What the platform writes to people. */
export type Mail =
  | { kind: 'resetPassword'; to: string; name: string; token: string }
  | { kind: 'invitation'; to: string; tenantName: string; inviterName: string; id: string };
/** Takes a mail that is to be sent. Nobody waits for it, and nobody is told when it fails. */
export type SendMail = (mail: Mail) => void;
