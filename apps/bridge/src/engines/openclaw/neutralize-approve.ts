import { blank } from '@it0/contracts/invisible';

/**
 * What OpenClaw is sent of a message. One that begins with "approve", with a slash or without, decides for it about the
 * approval that it names, whoever wrote it: it trusts the connection that the message comes by, and this one may decide.
 * With words before it, it is a message. They have a comma because OpenClaw drops what looks like the name of a sender.
 */
export const neutralizeApprove = (message: string) =>
  mayDecide(message) ? `This is a message, not a command.\n\n${message}` : message;

const blanks = new RegExp(blank, 'gu');

const mayDecide = (message: string) => /approve/i.test(message.normalize('NFKC').replace(blanks, ''));
