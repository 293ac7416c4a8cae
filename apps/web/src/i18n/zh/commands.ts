import type en from '../en/commands.ts';
import type { Translated } from '../translated.ts';

export default {
  commands: {
    open: '搜索与命令',
    short: '搜索',
    palette: '命令面板',
    placeholder: '搜索智能体、会话或操作',
    results: '结果',
    none: '没有找到',
    actions: '操作',
    newSession: '新建会话',
    approvals: '待审批',
    sessions: '与 {name} 的会话',
    agents: '智能体',
    pages: '页面',
    more: '设置',
    sheet: '键盘快捷键',
    shortcut: {
      palette: '打开命令面板',
      sheet: '显示键盘快捷键',
      message: '写消息',
      nextArea: '下一个区域：列表、对话、iAgent',
      previousArea: '上一个区域',
      send: '发送消息',
      newLine: '消息内换行',
      edit: '修改上一条消息（输入框为空时）',
      leave: '离开输入框，或关闭聊天',
    },
  },
} satisfies Translated<typeof en>;
