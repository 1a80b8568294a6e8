/** What the console of the sandbox's account is set to: Token and EncodingAESKey of its message push. Worth nothing anywhere else. */
export const sandboxPush = {
  appid: 'wx0123456789abcdef',
  token: 'onlyForTheSandbox',
  aesKey: 'onlyForTheSandboxOnThisMachine0123456789ABC',
};
