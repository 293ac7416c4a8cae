/** Mail that the platform sends. */
export type Mail =
  | { kind: 'resetPassword'; to: string; name: string; token: string }
  | { kind: 'invitation'; to: string; tenantName: string; inviterName: string; id: string };
/** Sends a mail in the background. Failures do not reach the caller. */
export type SendMail = (mail: Mail) => void;
