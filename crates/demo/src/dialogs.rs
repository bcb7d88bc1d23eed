//! What customers of the demo write, and what they are answered. Made up; moods go up and down with it.

/// One chat: lines in turn, the customer's first.
#[derive(Debug)]
pub(super) struct Dialog {
    /// The queue, by key.
    pub(super) queue: &'static str,
    /// The customer's name.
    pub(super) customer: &'static str,
    /// What it is about.
    pub(super) subject: &'static str,
    /// Why the agent asks for help after their first line, if they do.
    pub(super) help: Option<&'static str>,
    /// Who answers and who asks, in turn.
    pub(super) lines: &'static [&'static str],
}

/// What fits everything: to a visitor, and to whoever has more to say than was foreseen.
pub(super) const ANYTHING: [&str; 4] = [
    "Thanks for writing. Let me look into that for you.",
    "I have found it. Is there anything else I should know?",
    "Understood. I have put that on your record.",
    "Happy to help. Anything else today?",
];

/// Every chat.
pub(super) const DIALOGS: [Dialog; 6] = [
    Dialog {
        queue: "support",
        customer: "Priya Nair",
        subject: "Parcel has not arrived",
        help: None,
        lines: &[
            "Hi, my parcel should have been here on Friday and the tracking page has not changed since.",
            "Hello! I’m sorry about that. Could you give me the order number?",
            "It’s 48 21 77. This is really annoying, I took a day off for it.",
            "Thank you. I can see it: it has been in the depot in Leipzig since Thursday.",
            "So nobody told me? That is terrible service.",
            "You’re right, we should have written to you. It goes out again this afternoon, without any charge.",
            "Okay, thank you, that helps.",
            "You’ll get a message with the time as soon as the driver has it.",
            "Great, thanks a lot for the quick help!",
        ],
    },
    Dialog {
        queue: "sales",
        customer: "Jonas Brandt",
        subject: "Plan for twelve people",
        help: None,
        lines: &[
            "Good morning, we are twelve people and would like to move to the business plan.",
            "Good morning! With twelve people the Team plan is usually the better choice. Do you need calls abroad?",
            "Yes, mostly to Japan and Brazil.",
            "Both are in the second zone, which the Team plan includes. I can send you an offer today.",
            "That sounds good. Can we keep our numbers?",
            "Yes, all of them. We ask your present provider for you; it takes about a week.",
            "Perfect, please send the offer to our office address.",
        ],
    },
    Dialog {
        queue: "support",
        customer: "Sofia Marino",
        subject: "Charged twice",
        help: Some("Refund is above my limit"),
        lines: &[
            "You have charged me twice for November. I want my money back today!",
            "I’m sorry, that must not happen. Let me look at the invoices.",
            "I have been waiting for two weeks already, this is unacceptable and I am angry.",
            "I understand. I can see both charges, and I have asked my supervisor to release the refund.",
            "How long will that take?",
            "It is released now. The amount is back on your card within three days.",
            "Alright. Thank you for sorting it out.",
        ],
    },
    Dialog {
        queue: "support",
        customer: "Kenji Arai",
        subject: "Router restarts",
        help: None,
        lines: &[
            "My router restarts every evening at about eight. Could you help?",
            "Of course. Is the light beside the plug green or orange when that happens?",
            "Orange, for a minute or so.",
            "Then it is fetching an update and failing. I have sent it the newest version from here.",
            "It is restarting right now.",
            "That is me. Please tell me when the light is green again.",
            "It’s green. Wonderful, thank you very much!",
        ],
    },
    Dialog {
        queue: "sales",
        customer: "Amélie Laurent",
        subject: "Student discount",
        help: Some("Which proof do we accept from abroad?"),
        lines: &[
            "Hello, do you have a discount for students?",
            "We do: 30 % for as long as you study. Where are you enrolled?",
            "In Lyon, until 2028.",
            "One moment, I’ll check which proof we need from France.",
            "Sure, no problem.",
            "The certificate of enrolment is enough. You can upload it when you order.",
            "Lovely, thank you!",
        ],
    },
    Dialog {
        queue: "support",
        customer: "Owen Price",
        subject: "Change of address",
        help: None,
        lines: &[
            "I’m moving on the first. How do I change my address?",
            "I can do that for you. What is the new one?",
            "27 Harbour Lane, Cardiff. The phone number stays the same.",
            "Done. Your contract moves with you, and so does the price.",
            "That was easy. Thanks!",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_has_the_first_word_and_the_last() {
        for dialog in &DIALOGS {
            assert_eq!(dialog.lines.len() % 2, 1, "{}", dialog.subject);
        }
        assert!(
            DIALOGS.iter().any(|it| it.queue == "sales")
                && DIALOGS.iter().any(|it| it.help.is_some())
        );
    }
}
