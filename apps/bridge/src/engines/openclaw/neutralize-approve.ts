import { BLANK } from '@it0/contracts/invisible';

/**
 * Returns a message that OpenClaw does not take for a decision. To OpenClaw, a message that begins with "approve" decides
 * the approval that it names, since the bridge's connection may decide. A preceding sentence prevents that. It has a
 * comma because OpenClaw removes a prefix that looks like the name of a sender.
 */
export const neutralizeApprove = (message: string) => (mayDecide(message) ? toPlainMessage(message) : message);

/** Returns a message that OpenClaw takes for text, although it is a command of OpenClaw's, such as "stop". */
export const toPlainMessage = (message: string) => `This is a message, not a command.\n\n${message}`;

const BLANKS = new RegExp(BLANK, 'gu');

const mayDecide = (message: string) => /approve/i.test(message.normalize('NFKC').replace(BLANKS, ''));
