import type { Mail } from '@it0/api/auth/mail';
import { cleanDisplayName } from '@it0/contracts/display-name';

type Content = { subject: string; link: string; languages: Paragraphs[] };
/** Text before and after the link. */
type Paragraphs = { before: string; after: string };

/** Renders a mail in English and Chinese, since the language of its recipient may be unknown. */
export function renderMail(mail: Mail, publicUrl: string): { subject: string; text: string; html: string } {
  const { subject, link, languages } = createContent(mail, publicUrl);
  const text = languages.map(({ before, after }) => `${before}\n\n${link}\n\n${after}\n`).join('\n— — —\n\n');
  const html = languages.map(
    ({ before, after }) =>
      `<p>${escapeHtml(before)}</p><p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p><p>${escapeHtml(after)}</p>`,
  );
  return { subject, text, html: `<!doctype html><meta charset="utf-8">${html.join('<hr>')}` };
}

function createContent(mail: Mail, publicUrl: string): Content {
  if (mail.kind === 'resetPassword') {
    const name = cleanDisplayName(mail.name);
    return {
      subject: 'Reset your IT0 password · 重设 IT0 密码',
      link: new URL(`/reset-password?token=${encodeURIComponent(mail.token)}`, publicUrl).href,
      languages: [
        {
          before: `Hi ${name}, we received a request to reset the password of your IT0 account. To set a new password, open this link within an hour:`,
          after: 'If you did not request this, you can ignore this email. Your password has not changed.',
        },
        {
          before: `${name}，你好！我们收到了重设你的 IT0 账户密码的请求。请在一小时内打开以下链接设置新密码：`,
          after: '如果这不是你本人的操作，请忽略此邮件，你的密码不会改变。',
        },
      ],
    };
  }
  // A name with line breaks or direction marks could change the text around it.
  const [inviter, tenant] = [cleanDisplayName(mail.inviterName), cleanDisplayName(mail.tenantName)];
  return {
    subject: `${inviter} invited you to join ${tenant} on IT0 · ${inviter} 邀请你加入 ${tenant}`,
    link: new URL(`/invitation/${encodeURIComponent(mail.id)}`, publicUrl).href,
    languages: [
      {
        before: `${inviter} invited you to join ${tenant} on IT0, where teams run AI agents together. Accept the invitation within a week:`,
        after: 'This link is for you only. If you were not expecting an invitation, you can ignore this email.',
      },
      {
        before: `${inviter} 邀请你加入 IT0 上的“${tenant}”，与团队一起管理 AI 智能体。请在一周内接受邀请：`,
        after: '此链接仅供你本人使用。如果你并不知情，请忽略此邮件。',
      },
    ],
  };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
