// The generated module, as hexadecimal text.
declare const hex: string;
export default hex;
