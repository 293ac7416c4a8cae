import type en from '../en/settings.ts';
import type { Translated } from '../translated.ts';

export default {
  settings: {
    title: '设置',
    body: '以下设置只对当前浏览器生效。姓名、密码和设备请在<account>账户</account>中修改。',
    appearance: '外观',
    theme: { label: '主题', system: '跟随系统', light: '浅色', dark: '深色' },
    text: { label: '字号', small: '小', normal: '标准', large: '大', larger: '特大' },
    language: '语言',
    shortcuts: '键盘快捷键',
    keys: { label: '单键快捷键，例如 ? 和 /', on: '开启', off: '关闭' },
    notifications: '通知',
    notificationsLabel: '页面在后台时，用桌面通知提醒待审批的操作',
    notificationsDenied: '浏览器已屏蔽本页面的通知，请在浏览器的网站设置中允许。',
    notificationsMissing: '此浏览器无法显示本页面的通知：通知需要 HTTPS 或 localhost。',
    languageOfPage: '界面语言',
  },
  prompts: {
    title: '常用提示词',
    body: '经常发送的内容。在消息开头输入 <key>/</key> 即可插入，在你的所有设备上都可用。',
    failed: '无法加载提示词',
    empty: '还没有提示词。',
    create: '新建提示词',
    text: '内容',
    textHint: '双花括号表示待填写的字段，例如 {example}。按 Tab 键跳到下一个。',
    share: '与组织共享',
    shared: '已共享',
    edit: '编辑',
    editOf: '编辑“{name}”',
    editTitle: '编辑“{name}”',
    remove: '删除',
    removeOf: '删除“{name}”',
    removeTitle: '删除“{name}”？',
    removeBody: '此操作无法撤销。',
    removeSharedBody: '组织中的所有人都将无法使用它。此操作无法撤销。',
  },
} satisfies Translated<typeof en>;
