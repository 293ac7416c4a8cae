import account from './en/account.ts';
import agents from './en/agents.ts';
import app from './en/app.ts';
import approvals from './en/approvals.ts';
import chat from './en/chat.ts';
import commands from './en/commands.ts';
import frame from './en/frame.ts';
import organization from './en/organization.ts';
import reasons from './en/reasons.ts';
import sessions from './en/sessions.ts';
import settings from './en/settings.ts';
import signIn from './en/sign-in.ts';
import usage from './en/usage.ts';
import voice from './en/voice.ts';

/** The English messages. */
export default {
  ...app,
  ...commands,
  ...frame,
  ...sessions,
  ...settings,
  ...signIn,
  ...account,
  ...organization,
  ...agents,
  ...chat,
  ...usage,
  ...voice,
  ...approvals,
  ...reasons,
};
