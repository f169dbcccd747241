/** The module in hex. */
declare const hex: string;
export default hex;
