import account from './zh/account.ts';
import agents from './zh/agents.ts';
import app from './zh/app.ts';
import approvals from './zh/approvals.ts';
import chat from './zh/chat.ts';
import commands from './zh/commands.ts';
import frame from './zh/frame.ts';
import organization from './zh/organization.ts';
import reasons from './zh/reasons.ts';
import sessions from './zh/sessions.ts';
import settings from './zh/settings.ts';
import signIn from './zh/sign-in.ts';
import usage from './zh/usage.ts';
import voice from './zh/voice.ts';

/** The Chinese messages. */
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
