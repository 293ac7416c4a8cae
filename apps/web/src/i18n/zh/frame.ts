import type en from '../en/frame.ts';
import type { Translated } from '../translated.ts';

export default {
  frame: {
    skip: '跳到正文',
    sections: '导航',
    section: { agents: '智能体', organization: '组织', account: '账户', settings: '设置' },
    collapse: '收起侧边栏',
    expand: '展开侧边栏',
    notFound: {
      title: '页面不存在',
      body: '此地址没有对应的页面。链接可能不完整，或者页面已移动。',
      back: '返回“我的智能体”',
    },
  },
} satisfies Translated<typeof en>;
