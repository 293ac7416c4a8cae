import type { Mail } from '@it0/api/auth/mail';
import { toDisplayName } from '@it0/contracts/display-name';

type Text = { subject: string; link: string; languages: Paragraphs[] };
/** What stands before the link, and what behind it. */
type Paragraphs = { before: string; after: string };

/** A mail in English and Chinese: which of them its reader speaks is not known before they have an account. */
export function renderMail(mail: Mail, publicUrl: string): { subject: string; text: string; html: string } {
  const { subject, link, languages } = textOf(mail, publicUrl);
  const text = languages.map(({ before, after }) => `${before}\n\n${link}\n\n${after}\n`).join('\n— — —\n\n');
  const html = languages.map(
    ({ before, after }) =>
      `<p>${escaped(before)}</p><p><a href="${escaped(link)}">${escaped(link)}</a></p><p>${escaped(after)}</p>`,
  );
  return { subject, text, html: `<!doctype html><meta charset="utf-8">${html.join('<hr>')}` };
}

function textOf(mail: Mail, publicUrl: string): Text {
  if (mail.kind === 'resetPassword') {
    const name = oneLine(mail.name);
    return {
      subject: 'A new password for IT0 · 重设 IT0 密码',
      link: new URL(`/reset-password?token=${encodeURIComponent(mail.token)}`, publicUrl).href,
      languages: [
        {
          before: `${name}, somebody asked for a new password for your account on IT0. If it was you, set one within an hour:`,
          after: 'If it was not you, leave this mail alone: nothing has changed.',
        },
        {
          before: `${name}，有人请求为你的 IT0 账户重设密码。如果是你本人，请在一小时内设置新密码：`,
          after: '如果不是你本人，请忽略此邮件：一切保持不变。',
        },
      ],
    };
  }
  const [inviter, tenant] = [oneLine(mail.inviterName), oneLine(mail.tenantName)];
  return {
    subject: `${inviter} invites you to ${tenant} on IT0 · ${inviter} 邀请你加入 ${tenant}`,
    link: new URL(`/invitation/${encodeURIComponent(mail.id)}`, publicUrl).href,
    languages: [
      {
        before: `${inviter} invites you to ${tenant} on IT0, where people run AI agents together. Join within a week:`,
        after: 'The link is for you alone. If you did not expect it, leave this mail alone.',
      },
      {
        before: `${inviter} 邀请你加入 IT0 上的“${tenant}”，与大家一起管理 AI 智能体。请在一周内加入：`,
        after: '此链接仅供你本人使用。如果你并不知情，请忽略此邮件。',
      },
    ],
  };
}

/** A name that stays where it stands: no line of its own, and no other direction for what follows. */
const oneLine = (name: string) => toDisplayName(name.replace(/\p{Cc}+/gu, ' '));

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character]!);
