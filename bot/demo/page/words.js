// The page's own words, in both languages; what the bot says is the bot's business.

const WORDS = {
  banner: [
    'Demo · this lab is made up: no real people, machines or cards',
    '演示 · 这个实验室是虚构的：人、机器和显卡都不是真的',
  ],
  bannerShort: ['Demo · a made-up lab', '演示 · 虚构的实验室'],
  youAre: ['You are', '你现在是'],
  switchPerson: ['Be somebody else', '换一个人'],
  chats: ['Chats', '聊天'],
  appLanguage: ['Telegram in', 'Telegram 语言'],
  admin: ['admin', '管理员'],
  owner: ['owner', '群主'],
  bot: ['bot', '机器人'],
  members: ['{n} members', '{n} 位成员'],
  start: ['START', '开始'],
  restart: ['Unblock', '解除屏蔽'],
  what: ['What can this bot do?', '这个机器人能做什么？'],
  startNote: [
    'Press START to begin. Until then the bot may not write to you, as on Telegram.',
    '点「开始」之后机器人才能给你发消息，和真正的 Telegram 一样。',
  ],
  nothingYet: ['No messages yet', '还没有消息'],
  groupHint: ['Say something, or type / to see what the bot can do', '说点什么，或输入 / 看看机器人能做什么'],
  message: ['Message', '输入消息'],
  menu: ['Menu', '菜单'],
  commands: ['Commands', '命令'],
  noCommands: ['The bot has set no commands here', '机器人没有在这里设置命令'],
  typing: ['typing', '正在输入'],
  upload_photo: ['sending a photo', '正在发送图片'],
  upload_document: ['sending a file', '正在发送文件'],
  isTyping: ['{name} is typing', '{name} 正在输入'],
  edited: ['edited', '已编辑'],
  pinnedMessage: ['Pinned message', '置顶消息'],
  pinned: ['{name} pinned “{what}”', '{name} 置顶了「{what}」'],
  aMessage: ['a message', '一条消息'],
  photo: ['Photo', '图片'],
  document: ['File', '文件'],
  album: ['Album', '相册'],
  you: ['You', '你'],
  reply: ['Reply', '回复'],
  replyTo: ['Reply to {name}', '回复 {name}'],
  edit: ['Edit', '编辑'],
  editing: ['Edit message', '编辑消息'],
  copy: ['Copy', '复制'],
  copied: ['Copied', '已复制'],
  remove: ['Delete', '删除'],
  cancel: ['Cancel', '取消'],
  ok: ['OK', '好'],
  save: ['Download', '下载'],
  onlyYou: ['Only you can see this', '只有你能看到'],
  today: ['Today', '今天'],
  yesterday: ['Yesterday', '昨天'],
  noAnswer: ['The bot did not answer', '机器人没有回应'],
  offline: ['Connecting…', '连接中…'],
  theme: ['Light or dark', '浅色或深色'],
  pageLanguage: ['中文', 'English'],
  zone: ['Times in', '时区'],
  labTime: ['the lab', '实验室'],
  here: ['this browser', '本机'],
  block: ['Block the bot', '屏蔽机器人'],
  blockedBot: ['You blocked the bot', '你已屏蔽机器人'],
  newMessages: ['Unread messages', '未读消息'],
  unread: ['{n} unread', '{n} 条未读'],
  attach: ['Send a file', '发送文件'],
  send: ['Send', '发送'],
  back: ['Back', '返回'],
  jump: ['To the latest', '回到最新'],
  more: ['More', '更多'],
  notSent: ['Not sent: {why}', '没有发出：{why}'],
  noLink: ['Links to other places lead out of the demo', '这个链接会离开演示'],
  expand: ['Show more', '展开'],
  speed: ['{n}× time', '{n} 倍速'],
  disabled: ['Not available now', '现在不可用'],
  tryThis: ['Try this', '试试看'],
  inGroup: ['group', '群里'],
  toBot: ['private', '私聊'],
  welcome: ['Choose a chat', '选择一个聊天'],
  groupKind: ['group', '群组'],
  topics: ['Topics', '话题'],
  general: ['General', '综合'],
  topicBegun: ['{name} began the topic “{topic}”', '{name} 新建了话题「{topic}」'],
  topicShut: ['{name} closed the topic “{topic}”', '{name} 关闭了话题「{topic}」'],
  topicOpened: ['{name} opened the topic “{topic}” again', '{name} 重新打开了话题「{topic}」'],
  closedTopic: ['This topic is closed; admins can write here', '话题已关闭，只有管理员能发言'],
  silent: ['sent without a sound', '静默发送'],
};

let language = 0;

export function useLanguage(code) {
  language = code === 'zh' ? 1 : 0;
  document.documentElement.lang = code === 'zh' ? 'zh-CN' : 'en';
}

export function say(key, values = {}) {
  const text = WORDS[key][language];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const locale = () => (language ? 'zh-CN' : 'en-GB');
