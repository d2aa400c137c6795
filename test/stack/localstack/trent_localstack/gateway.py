"""What API Gateway answers by itself."""

from localstack.runtime import hooks


@hooks.on_infra_start()
def answer_as_defined() -> None:
    """Of an API's gateway responses, LocalStack 4.14 uses the status only; here also body and headers, as far as they are constants."""
    from localstack.services.apigateway.next_gen.execute_api.gateway_response import get_gateway_response_or_default
    from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import (
        GatewayExceptionHandler as Handler,
    )

    create = Handler.create_exception_response

    def create_whole(self, exception, context):
        response = create(self, exception, context)
        defined = get_gateway_response_or_default(exception.type, context.deployment.rest_api.gateway_responses)
        body = (defined.get("responseTemplates") or {}).get("application/json")
        if body and "$" not in body:
            response.set_data(body)
        for name, value in (defined.get("responseParameters") or {}).items():
            if name.startswith("gatewayresponse.header."):
                response.headers[name.removeprefix("gatewayresponse.header.")] = value.strip("'")
        return response

    Handler.create_exception_response = create_whole
