import type { ReceivedFile } from './conversation.ts';

const formatFiles = (files: ReceivedFile[], bytes: string) =>
  files.map(({ name, size }) => `${name}, ${size} ${bytes}`).join('; ');

const formatList = (messages: string[]) =>
  messages.map((message, index) => `${index + 1}. ${message.split('\n', 1)[0]}`).join('\n');

const english = {
  fallback: `## A scripted reply

This is a **scripted model**: it stands in until a real one is configured, so that everything around it can be seen at work. Your message went through the server, the bridge and a real agent, and this text came back the same way.

- Streaming, markdown and history work as with any model
- Commands run on this machine, and the risky ones ask you first

| Write | What happens |
| --- | --- |
| \`status\` | runs \`uptime\` at once |
| \`disk\` | asks before it runs \`df -h\` |
| \`code\` | answers with a block of code |
| \`slow\` | takes half a minute, to be cancelled |
| \`error\` | the model fails |

Set \`ANTHROPIC_API_KEY\` or \`OPENAI_API_KEY\` to talk to a real model.`,
  code: `Here is a small script that prints the five largest folders:

\`\`\`bash
#!/usr/bin/env bash
set -euo pipefail

du -xh --max-depth=1 "\${1:-.}" | sort -rh | head -n 5
\`\`\`

Give it a folder, or it looks at the current one.`,
  slow: Array.from(
    { length: 10 },
    (_, index) => `Step ${index + 1} of 10 is being looked at, slowly, so that there is time to press stop.`,
  ).join('\n\n'),
  runningCommand: (command: string) => `Let me look. I am running \`${command}\`.\n\n`,
  commandOutput: (command: string, output: string) =>
    `\`${command}\` says:\n\n\`\`\`text\n${output}\n\`\`\`\n\nThat was read from this machine just now.`,
  recall: (messages: string[]) =>
    messages.length > 0 ? `Before this message, you wrote:\n\n${formatList(messages)}` : 'This is your first message.',
  receivedFiles: (files: ReceivedFile[]) => `I got ${formatFiles(files, 'bytes')}.`,
  commandDenied: (command: string) => `I was **denied** \`${command}\`, so I did not run it. Nothing has been changed.`,
  noShell: (command: string) => `I have nothing here to run \`${command}\` with.`,
  callingTool: (tool: string) => `Let me ask the platform: \`${tool}\`.\n\n`,
  toolOutput: (tool: string, output: string) => `\`${tool}\` answers:\n\n\`\`\`json\n${output}\n\`\`\``,
};

const chinese: typeof english = {
  fallback: `## 脚本回复

这是一个**脚本模型**：在配置真实模型之前由它代答，让整条链路都能真实运行。您的消息经过服务器、桥接进程和真实的智能体，这段文字也是原路流式返回的。

- 流式输出、Markdown 和历史记录与真实模型一致
- 命令会在本机执行，有风险的命令会先征求您的同意

| 输入 | 结果 |
| --- | --- |
| \`状态\` | 立即执行 \`uptime\` |
| \`磁盘\` | 先询问，再执行 \`df -h\` |
| \`代码\` | 返回一段代码 |
| \`慢\` | 约半分钟的回答，可以取消 |
| \`错误\` | 模型报错 |

设置 \`ANTHROPIC_API_KEY\` 或 \`OPENAI_API_KEY\` 即可与真实模型对话。`,
  code: `下面的小脚本列出最大的五个目录：

\`\`\`bash
#!/usr/bin/env bash
set -euo pipefail

du -xh --max-depth=1 "\${1:-.}" | sort -rh | head -n 5
\`\`\`

可以传入一个目录，默认是当前目录。`,
  slow: Array.from(
    { length: 10 },
    (_, index) => `第 ${index + 1} 步（共 10 步）：正在慢慢检查，您有足够的时间按下停止。`,
  ).join('\n\n'),
  runningCommand: (command) => `好的，我来查看，正在执行 \`${command}\`。\n\n`,
  commandOutput: (command, output) =>
    `\`${command}\` 的输出：\n\n\`\`\`text\n${output}\n\`\`\`\n\n以上内容刚刚从本机读取。`,
  recall: (messages) =>
    messages.length > 0 ? `在这条消息之前，您写过：\n\n${formatList(messages)}` : '这是您的第一条消息。',
  receivedFiles: (files: ReceivedFile[]) => `我收到了 ${formatFiles(files, '字节')}。`,
  commandDenied: (command) => `\`${command}\` 已被**拒绝**，没有执行，系统没有任何改动。`,
  noShell: (command) => `这里没有可以执行 \`${command}\` 的工具。`,
  callingTool: (tool) => `我来查询平台：\`${tool}\`。\n\n`,
  toolOutput: (tool, output) => `\`${tool}\` 的结果：\n\n\`\`\`json\n${output}\n\`\`\``,
};

/** The texts of the scripted model by language. */
export const PROSE = { en: english, zh: chinese };
