//! Names, numbers and words of the demo's day. All of them are made up.

/// Whoever calls once: name and number.
pub const OTHERS: [(&str, &str); 8] = [
    ("Amara Okafor", "+442079460112"),
    ("Liam Byrne", "+35315550148"),
    ("Beatriz Costa", "+351210550177"),
    ("Quinn Harper", "+12025550163"),
    ("Paula Gómez", "+34910550121"),
    ("Samuel Osei", "+233302550145"),
    ("Elif Kaya", "+902125550109"),
    ("Kavya Rao", "+911140550186"),
];
/// Why agents ask for help.
pub const REASONS: [&str; 4] = [
    "Refund above my limit",
    "Caller asks for a supervisor",
    "Third call about the same fault",
    "Contract is not in the system",
];
/// What calls are wrapped up with: code and note.
pub const NOTES: [(&str, &str); 6] = [
    ("resolved", "Explained the invoice."),
    ("resolved", ""),
    ("resolved", "New router goes out today."),
    ("follow_up", "Waits for the technician’s report."),
    ("callback", "Wants to be called after six."),
    ("complaint", "Second delay in a month."),
];

/// Canned replies: title and text.
pub const REPLIES: [(&str, &str); 4] = [
    ("Greeting", "Hello! Thanks for writing. How can I help you?"),
    ("One moment", "Thank you. One moment, please: I’m looking into it."),
    (
        "Refund on its way",
        "Your refund is on its way. It takes up to three days to reach your account.",
    ),
    ("Goodbye", "Happy to help. Have a nice day!"),
];
