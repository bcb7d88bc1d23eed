//! Who is in an interaction, in which mode, and who hears whom
