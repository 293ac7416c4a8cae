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
    notificationsLabel: '页面在后台时，有待审批的操作就弹出桌面通知',
    notificationsDenied: '浏览器已禁止本页面的通知，请在浏览器的网站设置中允许。',
    notificationsMissing: '此浏览器无法为本页面显示通知，需要 HTTPS 或 localhost。',
    languageOfPage: '界面语言',
  },
} satisfies Translated<typeof en>;
