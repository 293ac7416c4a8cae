/** What the platform writes to people. */
export type Mail =
  | { kind: 'resetPassword'; to: string; name: string; token: string }
  | { kind: 'invitation'; to: string; tenantName: string; inviterName: string; id: string };
export type SendMail = (mail: Mail) => Promise<void>;
