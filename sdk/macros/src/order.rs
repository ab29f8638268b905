//! The arguments of `#[system]`: `after = "grow", before = ["eat", "wolves:hunt"]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Result, Token, bracketed};
use tinkerbox_abi::names::{NAME_RULE, SYSTEM_REFERENCE_RULE, is_system_reference};

/// The systems that run before this one, and those that run after it.
#[derive(Default)]
pub struct Order {
    pub after: Vec<LitStr>,
    pub before: Vec<LitStr>,
}

impl Parse for Order {
    fn parse(input: ParseStream) -> Result<Order> {
        let mut order = Order::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let list = match key.to_string().as_str() {
                "after" => &mut order.after,
                "before" => &mut order.before,
                _ => {
                    return Err(Error::new(
                        key.span(),
                        format!("unknown argument `{key}` of `#[system]`: use `after` or `before`"),
                    ));
                }
            };
            input.parse::<Token![=]>()?;
            list.extend(system_references(input)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(order)
    }
}

fn system_references(input: ParseStream) -> Result<Vec<LitStr>> {
    let references: Vec<LitStr> = if input.peek(LitStr) {
        vec![input.parse()?]
    } else {
        let list;
        bracketed!(list in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated_with(&list, |item| item.parse())?
            .into_iter()
            .collect()
    };
    match references.iter().find(|reference| !is_system_reference(&reference.value())) {
        Some(reference) => Err(Error::new(
            reference.span(),
            format!(
                "`{}` cannot name a system: write {SYSTEM_REFERENCE_RULE}; a system's name is {NAME_RULE}",
                reference.value()
            ),
        )),
        None => Ok(references),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> Result<Order> {
        syn::parse_str(text)
    }

    #[test]
    fn order_takes_one_name_or_a_list() {
        let order = order(r#"after = "grow", before = ["a", "bb:c",], after = "d","#).unwrap();
        let texts = |list: &[LitStr]| list.iter().map(LitStr::value).collect::<Vec<_>>();
        assert_eq!(texts(&order.after), ["grow", "d"]);
        assert_eq!(texts(&order.before), ["a", "bb:c"]);
    }

    #[test]
    fn invalid_orders_are_refused() {
        let message = |text| order(text).err().unwrap().to_string();
        assert!(message("atfer = \"a\"").contains("`after` or `before`"));
        assert!(message("after = \"A B\"").contains("mod:system"));
        assert!(message("after = \"wolves:\"").contains("`wolves:` cannot name a system"));
        assert!(order("after \"a\"").is_err());
    }
}
