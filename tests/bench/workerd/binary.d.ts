// The package has no types: its main module holds the path of the binary.
declare module 'workerd' {
  const workerd: { default: string };
  export default workerd;
}
