import type { Message, Part } from '@it0/contracts/message';
import type { Session } from './list-sessions.ts';

/** A session with the names that an export needs. */
export type ExportedSession = Session & { agentName: string };

const formatTime = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** Formats the beginning of an exported session. */
export const formatHeading = ({ title, agentName, ownerName, createdAt }: ExportedSession) =>
  `# ${title}\n\n${[agentName, ownerName, formatTime(createdAt)].filter(Boolean).join(' · ')}\n`;

/** Formats a message with its steps in their order. */
export function formatMessage(
  { agentName, ownerName }: Pick<ExportedSession, 'agentName' | 'ownerName'>,
  {
    role,
    parts,
    status,
    reason,
    detail,
    createdAt,
  }: Pick<Message, 'role' | 'parts' | 'status' | 'reason' | 'detail' | 'createdAt'>,
): string {
  const author = (role === 'user' && ownerName) || (role === 'user' ? 'User' : agentName);
  const ending = status && status !== 'COMPLETED' ? [[status, reason, detail].filter(Boolean).join(' · ')] : [];
  const blocks = [
    `## ${author} · ${formatTime(createdAt)}`,
    ...parts.map(formatPart),
    ...ending.map((it) => `_${it}_`),
  ];
  return `\n${blocks.filter(Boolean).join('\n\n')}\n`;
}

function formatPart(part: Part): string {
  if (part.type === 'text') return part.text.trim();
  if (part.type === 'attachment') return `- ${part.name} (${part.mediaType}, ${part.size} B)`;
  if (part.type === 'approval') {
    const decidedBy = part.decidedBy ?? part.decidedByRule;
    return `**Approval** · ${part.status}${decidedBy ? ` · ${decidedBy}` : ''}\n\n${formatCode(part.command, 'sh')}`;
  }
  const { name, title, status, exitCode, durationMs, output } = part;
  const facts = [
    ...[name, status, exitCode !== undefined && `exit ${exitCode}`],
    durationMs !== undefined && `${durationMs} ms`,
  ].filter(Boolean);
  const args = part.args === undefined ? '' : formatCode(part.args, 'json');
  return [`**${title}** · ${facts.join(' · ')}`, args, output && formatCode(output)].filter(Boolean).join('\n\n');
}

/** Formats a code block whose fence is longer than any in its content. */
function formatCode(content: string, language = '') {
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${content.replace(/\n$/, '')}\n${fence}`;
}
