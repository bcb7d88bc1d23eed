//! One call in virtual time: what each party hears, to the byte and to the sample.

mod acoustic;
mod differential;
mod supervision;
